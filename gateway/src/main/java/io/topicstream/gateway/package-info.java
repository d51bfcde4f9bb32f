/// Runs the APIs of a definition: which stage a request means, who may connect, which route a message selects, what is
/// sent back. Knows no network; what serves connections asks it.
@NullMarked
package io.topicstream.gateway;

import org.jspecify.annotations.NullMarked;
