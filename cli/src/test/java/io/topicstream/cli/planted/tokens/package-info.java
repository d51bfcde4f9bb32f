/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.tokens;

import org.jspecify.annotations.NullMarked;
