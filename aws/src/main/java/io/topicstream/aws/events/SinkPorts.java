package io.topicstream.aws.events;

import io.topicstream.events.Destinations;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.log.TopicLog;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What all sinks of a function stand on.
record SinkPorts(
        TopicLog log,
        StateStore state,
        SinkBook book,
        HttpCaller caller,
        Destinations destinations,
        InstantSource clock,
        RandomGenerator random) {}
