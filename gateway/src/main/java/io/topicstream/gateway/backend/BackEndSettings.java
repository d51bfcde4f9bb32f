package io.topicstream.gateway.backend;

/// Choices of back ends where API Gateway's own behaviour is not known for certain.
///
/// @param forwardHandshake whether a server behind HTTP_PROXY gets the header fields and the query of a handshake
/// @param nullRefusesConnect whether a function of `$connect` that returns nothing refuses the client
/// @param decodeBase64 whether a function's body is decoded where it says that it is base64
/// @param statusOptional whether a function's result may lack `statusCode`, which is 200 then
public record BackEndSettings(
        boolean forwardHandshake, boolean nullRefusesConnect, boolean decodeBase64, boolean statusOptional) {
    /// What the specification chose.
    public static final BackEndSettings DEFAULTS = new BackEndSettings(true, true, true, true);
}
