/// Back ends: how an event becomes a call to one, and what its answer means.
@NullMarked
package io.topicstream.gateway.integration;

import org.jspecify.annotations.NullMarked;
