/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.aws.cost;

import org.jspecify.annotations.NullMarked;
