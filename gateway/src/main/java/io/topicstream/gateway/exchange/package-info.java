/// What happens on one connection: the handshake, the events, what of them is known to expressions, templates
/// and back ends, and how each ends.
@NullMarked
package io.topicstream.gateway.exchange;

import org.jspecify.annotations.NullMarked;
