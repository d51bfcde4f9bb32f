/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.http;

import org.jspecify.annotations.NullMarked;
