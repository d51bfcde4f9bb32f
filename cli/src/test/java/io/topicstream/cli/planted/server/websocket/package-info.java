/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.server.websocket;

import org.jspecify.annotations.NullMarked;
