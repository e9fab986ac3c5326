"""Counts hits by minute and channel with Spark, on two cores: python3 spark.py stream|batch LINES OUT. Prints what it counted, and how long it took without its own start."""

import glob
import json
import os
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

kind, lines, out = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.memory", os.environ.get("SPARK_MEMORY", "3g"))
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
schema = "time TIMESTAMP, channel STRING, page STRING, user STRING, added BIGINT, device STRING, country STRING"


def counted(hits):
    window = f.window("time", "1 minute").alias("minute")
    users = f.approx_count_distinct("user", 0.016).alias("users")
    return hits.groupBy(window, "channel").agg(f.count("*").alias("hits"), f.sum("added").alias("added"), users)


began = time.monotonic()
if kind == "batch":
    counted(spark.read.schema(schema).json(lines)).write.mode("overwrite").parquet(f"{out}/result")
else:

    def keep(rows, batch):
        rows.write.mode("overwrite").parquet(f"{out}/result/batch={batch}")

    hits = spark.readStream.schema(schema).option("maxFilesPerTrigger", 4).json(lines)
    query = counted(hits).writeStream.outputMode("update").foreachBatch(keep).option("checkpointLocation", f"{out}/checkpoint").trigger(availableNow=True).start()
    query.awaitTermination()
seconds = time.monotonic() - began

# The newest row of each group.
result = spark.read.parquet(f"{out}/result")
if kind == "stream":
    result = result.groupBy("minute", "channel").agg(f.max_by("hits", "batch").alias("hits"), f.max_by("added", "batch").alias("added"))
rows = result.groupBy("channel").agg(f.sum("hits").alias("hits"), f.sum("added").alias("added")).orderBy("channel").collect()
print(json.dumps({"seconds": seconds, "rows": [row.asDict() for row in rows]}))
spark.stop()
