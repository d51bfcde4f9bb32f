/// Where everything is moved from, and where to: this names the engines.
@NullMarked
package io.topicstream.cli.migrate;

import org.jspecify.annotations.NullMarked;
