package io.topicstream.bench;

/// The machine a run was on, without which its figures say little.
final class Machine {
    private Machine() {}

    static String describe() {
        Runtime runtime = Runtime.getRuntime();
        return "%d cores, %s %s %s, JDK %s (%s), heap up to %d MiB, %s"
                .formatted(
                        runtime.availableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        Runtime.version(),
                        System.getProperty("java.vm.vendor"),
                        runtime.maxMemory() >> 20,
                        Transport.best());
    }
}
