using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;

namespace Aspire.Hosting.Redis;

/// <summary>A private Redis: its settings file and its PING.</summary>
internal static class RedisServer
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    public static async Task<ProcessSpec?> PrepareAsync(
        RedisResource server, ResourceInstance instance, StateFolder state, CancellationToken ct)
    {
        if (server.Configured() is not null)
        {
            return null;
        }
        var binary = Executables.InPath("redis-server").FirstOrDefault()
            ?? throw new DistributedApplicationException(
                "Redis is not installed (no redis-server in PATH). Run: sudo apt-get install redis-server");

        var data = await DataFolder.PrepareAsync(server.DataDirectory ?? state.ScratchFor(server.Name), user: null, instance, ct);
        var save = server.Persistence is var (interval, keys)
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)interval.TotalSeconds} {keys}")
            : "\"\"";
        var password = await server.PasswordParameter!.GetValueAsync(ct);
        var settings = Path.Combine(data, "redis.conf");
        // in a file of its owner alone: arguments can be read by every user of the machine
        await using (var file = new FileStream(
            settings, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
                bind 127.0.0.1
                port {server.PrimaryEndpoint.Port}
                requirepass "{password}"
                dir "{data}"
                save {save}
                appendonly no
                daemonize no

                """)), ct);
        }
        return new(binary, [settings, .. await instance.ResolveArgsAsync(ct)], data, ServerEnvironment.With([]));
    }

    /// <summary>AUTH and PING in the protocol's own words (Redis serialization protocol).</summary>
    public static async Task<string?> AskAsync(RedisResource server, CancellationToken ct)
    {
        var options = (await ((IValueProvider)server).GetValueAsync(ct) ?? "").Split(',');
        var (host, port) = options[0].Split(':') is [var h, var p] ? (h, int.Parse(p, CultureInfo.InvariantCulture)) : (options[0], 6379);
        var password = options.FirstOrDefault(o => o.StartsWith("password=", StringComparison.OrdinalIgnoreCase))?["password=".Length..];

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, limit.Token);
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            if (password is not null && await SayAsync(stream, reader, ["AUTH", password], limit.Token) is not "+OK" and var refusal)
            {
                return $"Redis refuses the password: {refusal}";
            }
            var answer = await SayAsync(stream, reader, ["PING"], limit.Token);
            return answer == "+PONG" ? null : $"Redis answers PING with '{answer}'";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return $"no answer from Redis: {e.Message}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"Redis did not answer within {AnswerLimit.TotalSeconds:0} s";
        }
    }

    private static async Task<string?> SayAsync(NetworkStream stream, StreamReader reader, string[] words, CancellationToken ct)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
        {
            request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), ct);
        return await reader.ReadLineAsync(ct);
    }
}
