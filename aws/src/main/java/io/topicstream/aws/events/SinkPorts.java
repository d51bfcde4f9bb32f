package io.topicstream.aws.events;

import io.topicstream.events.Destinations;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.log.TopicLog;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/// What all sinks of a function stand on.
///
/// @param posted told how many bytes each event has that is posted; such as a meter
record SinkPorts(
        TopicLog log,
        StateStore state,
        SinkBook book,
        HttpCaller caller,
        Destinations destinations,
        InstantSource clock,
        RandomGenerator random,
        LongConsumer posted) {}
