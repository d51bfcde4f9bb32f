/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.server;

import org.jspecify.annotations.NullMarked;
