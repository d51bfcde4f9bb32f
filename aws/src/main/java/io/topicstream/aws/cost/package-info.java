/// What the serverless edition costs: what AWS counts, its list prices, and an estimate for a user's own numbers,
/// beside a cluster. Arithmetic alone, without a class of the SDK, so that the command line can ask it.
@NullMarked
package io.topicstream.aws.cost;

import org.jspecify.annotations.NullMarked;
