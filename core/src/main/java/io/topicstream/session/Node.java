package io.topicstream.session;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.EndedRights;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.log.TopicLog;
import io.topicstream.people.Memberships;
import io.topicstream.people.Notices;
import io.topicstream.people.Presence;
import io.topicstream.people.PresencePolicies;
import java.time.InstantSource;

/// What all sessions of a node share: its ports and its commands.
///
/// @param presence told of the connections that begin and end, and of the topics they are in
/// @param keys the API keys, to learn which of those in use were revoked
/// @param rights whose have ended
/// @param quota what bounds how much callers may ask for
/// @param pingMs how often each side pings, in milliseconds
/// @param notices for those who are in rooms
public record Node(
        TopicLog log,
        Memberships memberships,
        Presence presence,
        PresencePolicies policies,
        ApiKeys keys,
        EndedRights rights,
        Commands commands,
        Quota quota,
        InstantSource clock,
        long pingMs,
        Notices notices) {}
