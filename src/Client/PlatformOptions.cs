namespace ZohoPlatform.Client;

/// <summary>Where the platform's gateway is, and the key for it.</summary>
public sealed class PlatformOptions
{
    /// <summary>The gateway's address: <c>https://platform.example.com</c>, with or without a path.</summary>
    public Uri? Url { get; set; }

    /// <summary>The address of its gRPC port, without a path; http is HTTP/2 in clear. Only gRPC clients need it.</summary>
    public Uri? GrpcUrl { get; set; }

    /// <summary><c>zp_{id}_{secret}</c>. A secret.</summary>
    public string ApiKey { get; set; } = "";
}
