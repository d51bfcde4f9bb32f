/// Stand-ins for the services of AWS on one machine.
@NullMarked
package io.topicstream.aws.local;

import org.jspecify.annotations.NullMarked;
