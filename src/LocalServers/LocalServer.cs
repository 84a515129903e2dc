namespace ZohoPlatform.LocalServers;

/// <summary>
/// A server from this machine's own binaries, private to whoever starts it: on loopback, with a password, on a data folder of its own. As a
/// resource of an app host it is <c>AddLocalPostgres</c> or <c>AddLocalRedis</c>, as a plain process a <see cref="ServerProcess"/>.
/// </summary>
public abstract class LocalServer
{
    /// <param name="name">What messages call it.</param>
    /// <param name="data">Its data folder; made where it is missing.</param>
    /// <param name="port">Where it listens on 127.0.0.1.</param>
    /// <param name="password">Letters and digits.</param>
    protected LocalServer(string name, DataFolder data, int port, string password) =>
        (Name, Data, Port, Password) = (name, data, port, password);

    public string Name { get; }

    public DataFolder Data { get; }

    public int Port { get; }

    /// <summary>How a client reaches it with every right, in the words of its .NET client.</summary>
    public abstract string ConnectionString { get; }

    protected string Password { get; }

    /// <summary>Makes its data folder where it is missing, waits until an earlier server on it has ended, and says what to run.</summary>
    /// <exception cref="InvalidOperationException">It is not installed or cannot use the folder; the message says what to do.</exception>
    public abstract Task<ServerCommand> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Asks it a question that only a server in order answers.</summary>
    /// <returns>Null when it answered, else why not.</returns>
    /// <exception cref="InvalidOperationException">It refuses the password, which waiting does not mend.</exception>
    public abstract Task<string?> AskAsync(CancellationToken cancellationToken);
}

/// <summary>What to run for a server.</summary>
/// <param name="StopSignal">Ends it soon and with its data whole.</param>
/// <param name="User">Whom root runs it as; null for the user of this process.</param>
/// <param name="Words">The program and its arguments.</param>
public sealed record ServerCommand(string StopSignal, string? User, IReadOnlyList<string> Words)
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "server.sh");
    private static readonly string[] Inherited = ["PATH", "TZ"];

    /// <summary>
    /// The words behind <c>sh</c> that run it. It inherits PATH, TZ and nothing else: what started it may have secrets in its environment.
    /// </summary>
    /// <param name="mode"><c>pipe</c>: it ends with its standard input; <c>service</c>: with TERM alone.</param>
    /// <remarks>Where the shell is killed, the system sends the server its signal: nobody would watch it any more.</remarks>
    internal string[] ShellArguments(string mode)
    {
        var environment = Inherited
            .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(variable => variable.Value is not null)
            .Select(variable => $"{variable.Name}={variable.Value}");
        return [Script, StopSignal, mode, "env", "-i", "LC_ALL=C.UTF-8", .. environment, "setpriv", "--pdeathsig", StopSignal, .. AsUser(User), "--", .. Words];
    }

    /// <summary>The words of <c>setpriv</c> that make a program another user's, without standing between it and who starts it.</summary>
    internal static string[] AsUser(string? user) => user is null ? [] : [$"--reuid={user}", $"--regid={user}", "--init-groups"];
}
