package io.topicstream.gateway.http;

import java.util.List;
import java.util.Map;

/// What a server answered.
///
/// @param status 200 to 599
/// @param headers by their names in any case, in the order of each name's values
/// @param body all of it; the receiver owns it
public record HttpAnswer(int status, Map<String, List<String>> headers, byte[] body) {}
