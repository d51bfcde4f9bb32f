/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.log;

import org.jspecify.annotations.NullMarked;
