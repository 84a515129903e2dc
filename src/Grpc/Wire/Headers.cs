using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Names and values of the protocol's own headers (gRPC over HTTP/2), and how metadata travels beside them.</summary>
internal static class Headers
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Timeout = "grpc-timeout";
    public const string PreviousAttempts = "grpc-previous-rpc-attempts";
    public const string RetryPushback = "grpc-retry-pushback-ms";

    /// <summary>A request header that never leaves: asks this side's writer for an encoding (grpc-dotnet, Compression).</summary>
    public const string EncodingRequest = "grpc-internal-encoding-request";

    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        Status, Message, Encoding, AcceptEncoding, Timeout, EncodingRequest,
        "content-type", "te", "host", "connection", "transfer-encoding");

    /// <summary>
    /// Whether a header is never metadata, coming or going: it belongs to the protocol, or HTTP allows its name and gRPC does not.
    /// </summary>
    public static bool IsReserved(string name) => Reserved.Contains(name) || !Metadata.Entry.IsName(name);

    /// <summary>Whether this is <c>application/grpc</c>, alone or with a <c>+</c> or <c>;</c> part.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>Adds a received header to metadata; a binary one may hold several values, joined by commas.</summary>
    /// <exception cref="RpcException">A binary header is not base64.</exception>
    public static void AddReceived(this Metadata metadata, string name, string value)
    {
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (var part in value.Split(','))
        {
            metadata.Add(name, DecodeBinary(name, part.AsSpan().Trim()));
        }
    }

    /// <summary>An entry's value as a header: text as it is, bytes as base64.</summary>
    public static string ToHeaderValue(this Metadata.Entry entry) => entry.IsBinary ? Convert.ToBase64String(entry.Bytes) : entry.Value;

    /// <summary>The code of a <c>grpc-status</c> header.</summary>
    public static bool TryParseStatus(string value, out StatusCode code)
    {
        var parsed = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        code = number is >= 0 and <= (int)StatusCode.Unauthenticated ? (StatusCode)number : StatusCode.Unknown;
        return parsed;
    }

    /// <summary>A code as it stands in <c>grpc-status</c>.</summary>
    public static string ToHeaderValue(this StatusCode code) =>
        code is StatusCode.OK ? "0" : ((int)code).ToString(CultureInfo.InvariantCulture);

    /// <summary>Status-Message: everything but printable ASCII, and the percent sign, as percent-encoded UTF-8.</summary>
    public static string EncodeMessage(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%'))
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length + 16);

        foreach (var b in System.Text.Encoding.UTF8.GetBytes(message))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>The inverse; what is not properly encoded stays as it is, since a status must never be lost over its message.</summary>
    public static string DecodeMessage(string message) => message.Contains('%') ? Uri.UnescapeDataString(message) : message;

    private static byte[] DecodeBinary(string name, ReadOnlySpan<char> value)
    {
        var padded = string.Concat(value, "===".AsSpan(0, (4 - (value.Length % 4)) % 4));
        var bytes = new byte[padded.Length / 4 * 3];

        return Convert.TryFromBase64String(padded, bytes, out var length)
            ? bytes[..length]
            : throw new RpcException(new Status(StatusCode.Internal, $"The binary header '{name}' is not base64."));
    }
}
