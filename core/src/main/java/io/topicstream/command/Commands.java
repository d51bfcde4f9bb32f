package io.topicstream.command;

/// The commands of a node, made once and used by all of its front doors.
public record Commands(
        PublishCommand publish,
        SubscribeCommand subscribe,
        UnsubscribeCommand unsubscribe,
        ReadCommand read,
        TopicsCommand topics,
        SignalCommand signal,
        AuthenticateCommand authenticate) {}
