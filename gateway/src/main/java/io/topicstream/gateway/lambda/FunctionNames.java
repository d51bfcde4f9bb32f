package io.topicstream.gateway.lambda;

import org.jspecify.annotations.Nullable;

/// How functions are named: by a name, by the ARN of a function, or by the URI of an integration or authorizer
/// that has such an ARN in it.
public final class FunctionNames {
    private static final String PATH = "/functions/";
    private static final String INVOCATIONS = "/invocations";
    private static final String FUNCTION = ":function:";

    private FunctionNames() {}

    /// The name or ARN of the function behind an integration or authorizer, with its qualifier.
    ///
    /// @param uri without stage variables
    /// @return null if it names no function
    public static @Nullable String ofUri(String uri) {
        int path = uri.indexOf(PATH);
        String name = path < 0 ? uri : uri.substring(path + PATH.length());
        if (name.endsWith(INVOCATIONS)) {
            name = name.substring(0, name.length() - INVOCATIONS.length());
        }
        boolean function = name.startsWith("arn:") ? name.contains(FUNCTION) : name.matches("[A-Za-z0-9-_$:.]+");
        return function && !name.endsWith(":") ? name : null;
    }

    /// The last part of an ARN, or the name itself; in both cases without its qualifier.
    public static String bare(String name) {
        int at = name.indexOf(FUNCTION);
        String bare = at < 0 ? name : name.substring(at + FUNCTION.length());
        int qualifier = bare.indexOf(':');
        return qualifier < 0 ? bare : bare.substring(0, qualifier);
    }
}
