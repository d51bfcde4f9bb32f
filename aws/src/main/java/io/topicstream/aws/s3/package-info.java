/// The half of the serverless engine that stands in S3: segments, each an object with consecutive messages
/// of a topic. It knows nothing of the other half.
@NullMarked
package io.topicstream.aws.s3;

import org.jspecify.annotations.NullMarked;
