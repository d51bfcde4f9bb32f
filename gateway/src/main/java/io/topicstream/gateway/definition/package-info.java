/// Definitions: what a file says of APIs, made into what the gateway runs. `Definitions` reads CloudFormation and SAM
/// templates and the project's own short form.
@NullMarked
package io.topicstream.gateway.definition;

import org.jspecify.annotations.NullMarked;
