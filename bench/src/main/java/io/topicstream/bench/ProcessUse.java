package io.topicstream.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What processes and the machine have used so far, as `/proc` tells it; zeros where there is no
/// `/proc`.
///
/// @param serverUserS user CPU of the server, in seconds
/// @param serverSystemS kernel CPU of the server, in seconds
/// @param serverRssBytes resident memory of the server
/// @param toolS CPU of this process, in seconds
/// @param machineS CPU of all processes, in seconds
record ProcessUse(double serverUserS, double serverSystemS, long serverRssBytes, double toolS, double machineS) {
    /// Kernel clock ticks a second, which `/proc` counts in: 100 on every Linux that Java runs on.
    private static final double TICKS = 100;

    /// @param serverPids the server's processes, or none
    static ProcessUse now(List<Long> serverPids) {
        double user = 0;
        double system = 0;
        long rss = 0;
        for (long pid : serverPids) {
            double[] one = cpu(pid);
            user += one[0];
            system += one[1];
            rss += rss(pid);
        }
        double[] tool = cpu(ProcessHandle.current().pid());
        return new ProcessUse(user, system, rss, tool[0] + tool[1], machine());
    }

    double serverS() {
        return serverUserS + serverSystemS;
    }

    private static double[] cpu(long pid) {
        String stat = read("/proc/" + pid + "/stat");
        // The name, in parentheses, may hold anything; what follows is counted by spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1);
        if (fields.length < 13) {
            return new double[2];
        }
        return new double[] {Long.parseLong(fields[11]) / TICKS, Long.parseLong(fields[12]) / TICKS};
    }

    private static long rss(long pid) {
        for (String line : read("/proc/" + pid + "/status").lines().toList()) {
            if (line.startsWith("VmRSS:")) {
                return 1_024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    private static double machine() {
        String[] fields = read("/proc/stat").split("\n", 2)[0].trim().split(" +", -1);
        double ticks = 0;
        for (int field : List.of(1, 2, 3, 6, 7)) {
            ticks += fields.length > field ? Long.parseLong(fields[field]) : 0;
        }
        return ticks / TICKS;
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            return "";
        }
    }
}
