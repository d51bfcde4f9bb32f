/// Who listens, and who is there, where nobody remembers anything between two calls: rows beside the log, and the
/// delivery that goes by them. It knows the ports of log and state, and one of what can be asked of a gateway
/// ([io.topicstream.aws.audience.Callbacks]); neither AWS nor functions.
@NullMarked
package io.topicstream.aws.audience;

import org.jspecify.annotations.NullMarked;
