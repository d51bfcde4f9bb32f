/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.topic;

import org.jspecify.annotations.NullMarked;
