/// The back ends of integrations: functions, HTTP servers, and none at all (MOCK). Each makes its request by the
/// mapping of the integration, calls within its time-out, and bounds what it takes from a back end.
@NullMarked
package io.topicstream.gateway.backend;

import org.jspecify.annotations.NullMarked;
