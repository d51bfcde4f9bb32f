/// Offenders planted for the architecture test.
@NullMarked
package io.topicstream.cli.planted.rocksdb;

import org.jspecify.annotations.NullMarked;
