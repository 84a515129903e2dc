using System.Globalization;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Storage;

/// <summary>
/// A page of a list as a caller asks for it, by the fields that all lists have: <c>page_size</c>, and <c>page_token</c>, which says where
/// the page before ended. One row more than the page holds is read: it says whether there is a next one.
/// </summary>
public sealed class PageRequest
{
    private static readonly long LastMicrosecond = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private readonly string _token;

    private PageRequest(int size, string token) => (Size, _token) = (size, token);

    public int Size { get; }

    /// <summary>How many rows to read.</summary>
    public int ToRead => Size + 1;

    /// <summary>The last id of the page before; null on the first one.</summary>
    /// <exception cref="Grpc.Core.RpcException">The token is none of a list that is in the order of ids.</exception>
    public Guid? AfterId => _token.Length == 0 ? null : Guid.TryParseExact(_token, "N", out var id) ? id : throw BadToken();

    /// <summary>The last number of the page before, from 1 on; null on the first one.</summary>
    /// <exception cref="Grpc.Core.RpcException">The token is none of a list that is in the order of numbers.</exception>
    public long? AfterNumber => _token.Length == 0 ? null
        : long.TryParse(_token, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw BadToken();

    /// <summary>
    /// Time of the page before's last, the service that has it, and its number there; null on the first one. Lists of several services in this
    /// order go on from one token.
    /// </summary>
    /// <exception cref="Grpc.Core.RpcException">The token is none of a list that is in the order of times.</exception>
    public (DateTimeOffset At, string Service, long Number)? AfterMoment => _token.Length == 0 ? null
        : _token.Split('-') is [var time, { Length: > 0 } service, var numberText]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= LastMicrosecond
            && long.TryParse(numberText, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), service, number)
        : throw BadToken();

    /// <summary>Time and id of the page before's last; null on the first one.</summary>
    /// <exception cref="Grpc.Core.RpcException">The token is none of a list that is in the order of times and ids.</exception>
    public (DateTimeOffset At, Guid Id)? AfterMomentOfId => _token.Length == 0 ? null
        : _token.Split('-') is [var time, var idText]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= LastMicrosecond
            && Guid.TryParseExact(idText, "N", out var id)
            ? (DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), id)
        : throw BadToken();

    /// <param name="size">As it was sent; 0 for none.</param>
    /// <param name="token">As it was sent; empty for the first page.</param>
    /// <param name="usual">Rows on a page where the caller does not say.</param>
    /// <param name="most">Most that it may say.</param>
    /// <exception cref="Grpc.Core.RpcException">The size is none.</exception>
    public static PageRequest Of(int size, string token, int usual, int most) => size >= 0 && size <= most
        ? new PageRequest(size == 0 ? usual : size, token)
        : throw Failure.InvalidField("page_size", $"page_size must be 1 to {most}, or left out for {usual}.").ToRpcException();

    public static string TokenOf(Guid id) => id.ToString("N");

    /// <summary>Of a time to the microsecond.</summary>
    public static string TokenOf(DateTimeOffset at, string service, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{(at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}-{service}-{number}");

    /// <summary>Of a time to the microsecond.</summary>
    public static string TokenOf(DateTimeOffset at, Guid id) =>
        string.Create(CultureInfo.InvariantCulture, $"{(at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}-{id:N}");

    public static string TokenOf(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The rows of this page, of those that were read.</summary>
    public IEnumerable<T> Take<T>(IReadOnlyList<T> read) => read.Take(Size);

    /// <summary>The token of the next page; empty where this is the last.</summary>
    public string Next<T>(IReadOnlyList<T> read, Func<T, string> tokenOf) => read.Count > Size ? tokenOf(read[Size - 1]) : "";

    private static Grpc.Core.RpcException BadToken() => Failure.InvalidField(
        "page_token", "page_token is not one that a page ended with: begin again without it.").ToRpcException();
}
