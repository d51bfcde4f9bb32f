@NullMarked
package io.topicstream.cli.migrate;

import org.jspecify.annotations.NullMarked;
