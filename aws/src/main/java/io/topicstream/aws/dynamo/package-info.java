/// The serverless engine: the log and the state in one table of DynamoDB, and large batches in S3. Nothing of it runs
/// when nobody asks; every node and every function is a writer like the others.
@NullMarked
package io.topicstream.aws.dynamo;

import org.jspecify.annotations.NullMarked;
