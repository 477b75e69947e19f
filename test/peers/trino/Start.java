import io.trino.server.Server;

/** Trino's own server; what its distribution starts it with is not among the packages that we install. */
public final class Start {
    public static void main(String[] arguments) {
        new Server().start(arguments[0]);
    }
}
