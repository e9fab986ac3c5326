/**
 * How long a request takes on AWS, in milliseconds: what Lambda bills while a function waits. These are assumptions, typical
 * medians within a region; whoever has measured others puts them here. Everything else in the bill is counted.
 */
export const LATENCIES = {
  dynamodbRead: 5,
  dynamodbReadPerMb: 25,
  dynamodbWrite: 7,
  kinesisPut: 15,
  kinesisList: 20,
  s3Put: 40,
  s3Get: 25,
  s3List: 40,
  s3PerMb: 12,
  firehosePut: 20,
  ssm: 30,
  lambdaInvoke: 20,
  socketPost: 10,
  athenaStatement: 3_000,
  athenaPerGb: 2_000,
} as const;
