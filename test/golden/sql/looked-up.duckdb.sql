(SELECT e.*, l0, l3, l4, CAST(NULL AS VARCHAR) AS l1, l2 FROM events AS e
LEFT JOIN (
SELECT _rows, _key, _l0 AS l0, CASE WHEN regexp_full_match(_l3, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN CASE WHEN abs(TRY_CAST(_l3 AS DOUBLE)) <= 8e307 THEN TRY_CAST(_l3 AS DOUBLE) END END AS l3, CASE _l4 WHEN 'true' THEN true WHEN 'false' THEN false END AS l4 FROM (
SELECT _rows, _key, CASE WHEN starts_with(_cells[1]::VARCHAR, '"') THEN CASE WHEN contains(_cells[1]::VARCHAR, '\') THEN (_cells[1]::VARCHAR)::JSON ->> '$' ELSE substr(_cells[1]::VARCHAR, 2, length(_cells[1]::VARCHAR) - 2) END END AS _l0, CASE WHEN starts_with(_cells[2]::VARCHAR, '"') THEN CASE WHEN contains(_cells[2]::VARCHAR, '\') THEN (_cells[2]::VARCHAR)::JSON ->> '$' ELSE substr(_cells[2]::VARCHAR, 2, length(_cells[2]::VARCHAR) - 2) END END AS _l3, CASE WHEN starts_with(_cells[3]::VARCHAR, '"') THEN CASE WHEN contains(_cells[3]::VARCHAR, '\') THEN (_cells[3]::VARCHAR)::JSON ->> '$' ELSE substr(_cells[3]::VARCHAR, 2, length(_cells[3]::VARCHAR) - 2) END END AS _l4 FROM (
SELECT _rows, _key, json_extract(_row::JSON, ['$."name"', '$."area"', '$."isIsland"']) AS _cells FROM tables_of_aa_bb AS t
) AS o
) AS c
) AS _t0 ON _t0._key = CAST(f0 AS VARCHAR) AND _t0._rows = CASE WHEN time >= '2026-11-21T10:00:00.000Z' THEN 'bb' WHEN time >= '' THEN 'aa' END
LEFT JOIN (
SELECT _rows, _key, _l2 AS l2 FROM (
SELECT _rows, _key, CASE WHEN starts_with(_cells[1]::VARCHAR, '"') THEN CASE WHEN contains(_cells[1]::VARCHAR, '\') THEN (_cells[1]::VARCHAR)::JSON ->> '$' ELSE substr(_cells[1]::VARCHAR, 2, length(_cells[1]::VARCHAR) - 2) END END AS _l2 FROM (
SELECT _rows, _key, json_extract(_row::JSON, ['$."value"']) AS _cells FROM tables_of_cc AS t
) AS o
) AS c
) AS _t1 ON _t1._key = CAST(f1 AS VARCHAR) AND _t1._rows = CASE WHEN time >= '' THEN 'cc' END)
