package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
import org.jspecify.annotations.Nullable;

/// What all stages of a gateway share.
///
/// @param connects how many new connections there may be, or null for no limit
/// @param events how many events there may be, or null for no limit
/// @param watch logs and metrics
record Running(
        GatewaySettings settings,
        Gateway.Ports ports,
        @Nullable TokenBucket connects,
        @Nullable TokenBucket events,
        Watch watch) {}
