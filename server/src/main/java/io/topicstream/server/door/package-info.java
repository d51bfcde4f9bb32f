/// Who may come in, by any door: which names the server answers to and which web pages may call.
@NullMarked
package io.topicstream.server.door;

import org.jspecify.annotations.NullMarked;
