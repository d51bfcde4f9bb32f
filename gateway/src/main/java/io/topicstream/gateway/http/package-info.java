/// Calls over HTTP, bounded in time, in number and in what they take in.
@NullMarked
package io.topicstream.gateway.http;

import org.jspecify.annotations.NullMarked;
