/// How events become requests to back ends, and their answers become frames: mapping templates in VTL, mapped
/// parameters, passing on, content handling, and the check of messages against models.
///
/// Templates are the operator's; what flows through them is not. So a template sees values and a few
/// functions and no Java, and each rendering has a budget of steps, characters and time.
@NullMarked
package io.topicstream.gateway.mapping;

import org.jspecify.annotations.NullMarked;
