/// Measurements: microbenchmarks of the hot paths and a load generator that times each message from when it should
/// have been sent. Nothing here is shipped.
@NullMarked
package io.topicstream.bench;

import org.jspecify.annotations.NullMarked;
