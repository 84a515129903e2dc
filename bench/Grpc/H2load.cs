using System.Globalization;
using System.Text.RegularExpressions;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>nghttp2's load generator: HTTP/2 that shares no line with ours.</summary>
internal static partial class H2load
{
    private const int Connections = 4;
    private const int StreamsEach = 25;

    // of env, which starts it
    private const int NoSuchFile = 127;

    /// <summary>Posts the body so many times from one thread over four connections of 25 streams.</summary>
    /// <exception cref="MissingToolException">h2load is not installed.</exception>
    /// <exception cref="InvalidOperationException">Not every answer was a success that brought the body back.</exception>
    public static async Task<Lap> RunAsync(Uri address, byte[] body, int requests, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();

        try
        {
            await File.WriteAllBytesAsync(file, body, cancellationToken);
            return Parse(await RunAsync(address, file, requests, cancellationToken), body, requests);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> RunAsync(Uri address, string bodyFile, int requests, CancellationToken cancellationToken)
    {
        await using var process = ServiceProcess.Start(
            "h2load",
            [
                "-n", Text(requests), "-c", Text(Connections), "-m", Text(StreamsEach), "-t", "1", "-d", bodyFile,
                "-H", "content-type: application/grpc", "-H", "te: trailers", address.AbsoluteUri,
            ]);
        var ended = await process.EndAsync(cancellationToken);
        return ended.Exit is NoSuchFile
            ? throw new MissingToolException("h2load is not installed; apt-get install nghttp2-client installs it.")
            : ended.Out;
    }

    /// <summary>
    /// A gRPC error is a 200 too, but a body that did not come back is missing among the data bytes, so that these decide.
    /// </summary>
    private static Lap Parse(string output, byte[] body, int requests)
    {
        var match = Summary().Match(output);

        if (!match.Success || Number("succeeded") != requests || Number("data") != (long)requests * body.Length)
        {
            throw new InvalidOperationException($"h2load did not get {requests} bodies of {body.Length} bytes back:\n{output}");
        }

        // the time that it prints is rounded, the rate is not
        var rate = double.Parse(match.Groups["rate"].ValueSpan, CultureInfo.InvariantCulture);
        return new Lap(requests, TimeSpan.FromSeconds(requests / rate));

        long Number(string group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // finished in 1.23s, 162601.63 req/s, ... requests: ... 200000 succeeded, ... traffic: ..., 20.41MB (21400000) data
    [GeneratedRegex(
        @"finished in [^,]+, (?<rate>[\d.]+) req/s,.*?(?<succeeded>\d+) succeeded,.*?\((?<data>\d+)\) data",
        RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Summary();
}
