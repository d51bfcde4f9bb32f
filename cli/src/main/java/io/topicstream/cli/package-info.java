/// The command `topicstream`: what is typed at a terminal, turned into a running server or into a client's
/// requests.
@NullMarked
package io.topicstream.cli;

import org.jspecify.annotations.NullMarked;
