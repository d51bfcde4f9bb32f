package io.topicstream.gateway.signature;

import java.util.List;

/// A key that callers may sign with, and what they may do by it.
///
/// @param credentials the key; with a session token, that must be sent
/// @param name for logs and as `user`
/// @param arn who the caller is, for instance `arn:aws:iam::000000000000:user/app`
/// @param allows what it may do
public record SigningKey(Credentials credentials, String name, String arn, List<Allow> allows) {
    public SigningKey {
        allows = List.copyOf(allows);
    }

    /// Something that it may do.
    ///
    /// @param action for instance `execute-api:ManageConnections`; `*` stands for anything, `?` for one character
    /// @param resource an ARN, with the same wildcards
    public record Allow(String action, String resource) {}
}
