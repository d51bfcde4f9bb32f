package io.topicstream.session;

import io.topicstream.command.Commands;
import io.topicstream.log.TopicLog;
import io.topicstream.topic.DurableSubscriptions;
import java.time.InstantSource;

/// What all sessions of a node share: its ports and its commands.
///
/// @param pingMs how often each side pings, in milliseconds
public record Node(
        TopicLog log, DurableSubscriptions durableSubscriptions, Commands commands, InstantSource clock, long pingMs) {}
