using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.LocalServers;

/// <summary>A login of Redis that reaches its own keys and channels, and administers nothing.</summary>
/// <param name="Name">The user's name: letters.</param>
/// <param name="Password">Its password: letters and digits.</param>
/// <param name="Reaches">
/// Patterns of keys and channels, as Redis writes them, and commands that it may not use: <c>~tokens:* &amp;tokens:changed -publish</c>.
/// </param>
public sealed record RedisUser(string Name, string Password, string Reaches)
{
    /// <summary>
    /// What every user may do. Keys of others cannot be listed either, and scripts of others neither ended nor dropped; <c>INFO</c> tells the client what server it has. Every service's health
    /// check writes the same empty key.
    /// </summary>
    public const string May = "~health +@all -@admin -@dangerous -scan -randomkey -function -fcall -fcall_ro -script|flush -script|kill +info";

    // a hash is enough to check a password
    internal string Rule => $"user {Name} on #{Sha256} {May} {Reaches}";

    private string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Password)));

    public override string ToString() => Name;
}
