/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.gateway.mapping;

import org.jspecify.annotations.NullMarked;
