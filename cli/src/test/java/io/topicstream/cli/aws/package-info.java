@NullMarked
package io.topicstream.cli.aws;

import org.jspecify.annotations.NullMarked;
