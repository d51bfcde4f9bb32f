/// Signature version 4: signs requests to services of AWS, and checks those of callers that sign as for API Gateway.
/// Knows nothing of gateways but the texts of their refusals.
@NullMarked
package io.topicstream.gateway.signature;

import org.jspecify.annotations.NullMarked;
