package io.topicstream.server.http;

import io.netty.channel.EventLoop;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicLog;
import io.topicstream.server.door.Doorman;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/// What the HTTP API is made of.
///
/// @param log asked for extents and for its durability; everything else goes through the commands
/// @param quota what bounds how much callers may ask for
/// @param doorman says who may call
/// @param admin the routes of the administrator
/// @param adminToken whether a bearer token is the administrator's; compares in constant time
/// @param clock the time of day
/// @param figures what `/metrics` and `/health/ready` say
/// @param errors counts every error that is answered
/// @param traffic counts what is answered
/// @param lanes the lane that runs on an event loop; asked once for each loop, on that loop
public record HttpServices(
        TopicLog log,
        Commands commands,
        Quota quota,
        Doorman doorman,
        List<AdminRoute> admin,
        Predicate<String> adminToken,
        InstantSource clock,
        Figures figures,
        ErrorCounts errors,
        Traffic traffic,
        Function<EventLoop, Lane> lanes) {}
