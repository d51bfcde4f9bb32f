package io.topicstream.conformance;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The SDKs that call, each with how its process is started. What differs between them is the setting by which they
/// trust an authority, and the one by which they are sent to a machine for a name: see [Site].
enum Sdk {
    BOTO3 {
        @Override
        ProcessBuilder process(Site site) throws Exception {
            return told(
                    Map.of(
                            "PYTHONPATH",
                            Packages.python().toString(),
                            "AWS_CA_BUNDLE",
                            site.authority().resolve("ca-bundle.pem").toString(),
                            "HTTPS_PROXY",
                            site.proxy(),
                            "NO_PROXY",
                            "localhost,127.0.0.1"),
                    "python3",
                    Packages.pythonProgram("caller.py").toString());
        }
    },
    JAVASCRIPT_2 {
        @Override
        ProcessBuilder process(Site site) throws Exception {
            return node(site, "caller-v2.js");
        }
    },
    JAVASCRIPT_3 {
        @Override
        ProcessBuilder process(Site site) throws Exception {
            return node(site, "caller-v3.js");
        }
    },
    JAVA_1 {
        @Override
        ProcessBuilder process(Site site) {
            return java(site, JavaV1Caller.class);
        }
    },
    JAVA_2 {
        @Override
        ProcessBuilder process(Site site) {
            return java(site, JavaV2Caller.class);
        }
    },
    GO {
        @Override
        ProcessBuilder process(Site site) throws Exception {
            return told(
                    Map.of(
                            "SSL_CERT_FILE",
                            site.authority().resolve("ca-bundle.pem").toString(),
                            "HTTPS_PROXY",
                            site.proxy()),
                    Packages.go().toString());
        }
    };

    /// Where a caller finds the server.
    ///
    /// @param authority the folder of `topicstream tls init`
    /// @param port the server's for TLS
    /// @param tunnel the port of the proxy that takes all names for the server's
    record Site(Path authority, int port, int tunnel) {
        String proxy() {
            return "http://127.0.0.1:" + tunnel;
        }
    }

    abstract ProcessBuilder process(Site site) throws Exception;

    private static ProcessBuilder node(Site site, String program) throws Exception {
        return told(
                Map.of(
                        "NODE_EXTRA_CA_CERTS",
                        site.authority().resolve("ca.pem").toString(),
                        "SERVER_PORT",
                        Integer.toString(site.port()),
                        "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE",
                        "1"),
                "node",
                Packages.node().resolve(program).toString());
    }

    private static ProcessBuilder java(Site site, Class<?> program) {
        return told(
                Map.of(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Djavax.net.ssl.trustStore=" + site.authority().resolve("truststore.p12"),
                "-Djavax.net.ssl.trustStorePassword=changeit",
                "-Dhttps.proxyHost=127.0.0.1",
                "-Dhttps.proxyPort=" + site.tunnel(),
                // Version 2 looks for a proxy of this name, also for https.
                "-Dhttp.proxyHost=127.0.0.1",
                "-Dhttp.proxyPort=" + site.tunnel(),
                "-Dhttp.nonProxyHosts=localhost|127.0.0.1",
                "-Daws.java.v1.disableDeprecationAnnouncement=true",
                "-cp",
                classPath(),
                program.getName());
    }

    /// That of this test.
    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    static ProcessBuilder told(Map<String, String> environment, String... command) {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
        // Nothing of the machine's own settings of proxies and keys.
        List.copyOf(builder.environment().keySet()).stream()
                .filter(name -> name.toUpperCase(Locale.ROOT).matches("AWS_.*|.*_PROXY|NODE_.*|SSL_.*|JAVA_.*"))
                .forEach(builder.environment()::remove);
        builder.environment().putAll(environment);
        builder.environment().put("AWS_MAX_ATTEMPTS", "1");
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        builder.environment().put("AWS_CONFIG_FILE", File.separator + "nowhere");
        builder.environment().put("AWS_SHARED_CREDENTIALS_FILE", File.separator + "nowhere");
        return builder;
    }
}
