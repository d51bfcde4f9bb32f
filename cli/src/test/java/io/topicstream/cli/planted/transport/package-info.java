/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.transport;

import org.jspecify.annotations.NullMarked;
