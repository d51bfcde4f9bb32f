/// The Java client: one connection that comes back after a loss, resumes each topic by its offset, and hands on
/// every message once and in order.
@NullMarked
package io.topicstream.client;

import org.jspecify.annotations.NullMarked;
