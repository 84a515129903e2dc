using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.Simulator.WhatsApp;

/// <summary>Calls a webhook's address as Meta does, signed with the app's secret. Only this machine is called, and nothing is sent again by itself.</summary>
internal sealed class WhatsAppSender : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };

    /// <summary>Sends the body that often, one after the other; the status of each answer. Null where nobody answered.</summary>
    public async Task<IReadOnlyList<int>?> SendAsync(Uri address, string appSecret, string body, int times, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var signature = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(appSecret), bytes))}";
        var answers = new List<int>();
        try
        {
            for (var i = 0; i < times; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(bytes) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
                request.Headers.UserAgent.ParseAdd("facebookexternalua");
                using var answer = await _http.SendAsync(request, cancellationToken);
                answers.Add((int)answer.StatusCode);
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }

        return answers;
    }

    public void Dispose() => _http.Dispose();
}
